/**
 * TLS for connections to NATS, and that nothing is said without it.
 *
 * The library believes what a server announces before there is any TLS. It refuses a server that announces none, but not one
 * that does so in a way of its own, as in `"tls_available": 1`: it would not begin TLS there, and send the password. So before
 * the first word is sent, it is checked that TLS was begun.
 */
import type { Authenticator, NodeConnectionOptions } from "@nats-io/transport-node";
import type { SecureContext } from "node:tls";
import { readTls } from "../sockets/client-tls.ts";
import type { TlsOptions } from "../sockets/tls-options.ts";

export class NatsTls {
  /** Whether it was, over the connection that is being opened. */
  #is_begun = false;
  /** For the library, which copies it for each connection, so that the files are read again for each. */
  readonly options: NonNullable<NodeConnectionOptions["tls"]>;

  constructor(tls: TlsOptions) {
    const begin = (): SecureContext => {
      const { context, mistakes } = readTls(tls);
      if (context === undefined) {
        const said = mistakes.map(({ option, message }) => `tls.${option}: ${message}`);
        throw new Error(said.join("; "));
      }
      this.#is_begun = true;
      return context;
    };
    const options = {
      get secureContext(): SecureContext {
        return begin();
      },
      rejectUnauthorized: tls.verify,
      ...(tls.server_name !== undefined && { servername: tls.server_name }),
    };
    // It is read as the first thing of each connection, and is not copied.
    this.options = Object.defineProperty(options, "handshakeFirst", {
      get: () => (this.#is_begun = false),
    });
  }

  /** The same authenticator, but it throws over a connection that TLS was not begun on: the library asks it before it sends a word. */
  guard(authenticator: Authenticator | undefined): Authenticator {
    return (nonce) => {
      if (!this.#is_begun)
        throw new Error("the server does not begin TLS, so nothing was sent to it");
      return authenticator?.(nonce);
    };
  }
}
