/** The keys that are known to hold secrets. */
import { authorizationSecret, cookieSecret, secretParts } from "./headers.ts";
import type { KeyRule } from "../keys/key-rule.ts";

/** Names that only look like those of secrets: places in lists, what makes requests unique, descriptions. */
const harmless = [
  "*continuation*token",
  "*next*token",
  "*page*token",
  "*list*token",
  "*marker*token",
  "*sync*token",
  "*start*token",
  "*resume*token",
  "*request*token",
  "*idempotency*token",
  "clienttoken",
];

/** Each belongs to a detector: whoever uses that has the keys, too. */
export const key_rules: readonly KeyRule[] = [
  {
    detector: "authorization",
    keys: ["authorization", "*-authorization", "*_authorization"],
    except: [],
    secretOf: secretParts(authorizationSecret),
  },
  {
    detector: "cookie",
    keys: ["cookie", "set-cookie", "cookies", "set-cookie2", "http_cookie"],
    except: [],
    secretOf: secretParts(cookieSecret),
    is_map: true,
  },
  { detector: "aws-sigv4", keys: ["x-amz-signature"], except: [] },
  {
    detector: "aws-session-token",
    keys: ["x-amz-security-token", "*sessiontoken", "*session_token", "*security-token"],
    except: [],
  },
  {
    detector: "aws-secret-key",
    keys: [
      "*secretaccesskey",
      "*secret_access_key",
      "*secret-access-key",
      "secretkey",
      "secret_key",
    ],
    except: [],
  },
  {
    detector: "sse-c",
    keys: [
      "*server-side-encryption-customer-key",
      "*server-side-encryption-customer-key-md5",
      "ssecustomerkey",
      "copysourcessecustomerkey",
    ],
    except: [],
  },
  {
    detector: "sts",
    keys: ["webidentitytoken", "samlassertion", "samlresponse", "ldappassword"],
    except: [],
  },
  { detector: "vault", keys: ["x-vault-token", "client_token"], except: [] },
  { detector: "azure-storage", keys: ["accountkey", "sharedaccesskey"], except: [] },
  {
    detector: "password",
    keys: [
      "password",
      "*password",
      "*passwords",
      "*passwd",
      "*passphrase",
      "*passwort",
      "*kennwort",
      "password1",
      "password2",
      "*password_confirmation",
      "*passwordconfirmation",
      "pwd",
      "secret",
      "*_secret",
      "*-secret",
      "*clientsecret",
      "token",
      "*_token",
      "*-token",
      "*accesstoken",
      "*refreshtoken",
      "*idtoken",
      "*authtoken",
      "*bearertoken",
      "*api_key",
      "*api-key",
      "*apikey",
      "*private_key",
      "*privatekey",
    ],
    except: harmless,
  },
];
