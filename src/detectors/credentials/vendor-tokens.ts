/**
 * Tokens that begin with a prefix of their issuer. No length is fixed: issuers make them longer without a word, and a token
 * is the whole run of its alphabet.
 */
import { type Alphabet, alphabet, alphanumeric, base64url } from "../contract/alphabet.ts";
import type { Anchor, Detector, Look } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

const dotted = alphabet("A-Za-z0-9_.=-");
const base64_both = alphabet("A-Za-z0-9+/_=-");
const path = alphabet("A-Za-z0-9/_-");

interface Token {
  readonly id: string;
  readonly finds: string;
  readonly prefixes: readonly string[];
  readonly alphabet: Alphabet;
  /** What is shorter is none: a name, or the prefix in a sentence. */
  readonly length_min: number;
  /** Whether the prefix can stand at the end of a word, too, so that it counts at the beginning of one only. */
  readonly is_word?: true;
}

const tokens: readonly Token[] = [
  {
    id: "vault",
    finds: "tokens of HashiCorp Vault and OpenBao",
    prefixes: ["hvs.", "hvb.", "hvr."],
    alphabet: base64url,
    length_min: 20,
    is_word: true,
  },
  {
    id: "github",
    finds: "tokens of GitHub",
    prefixes: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    alphabet: dotted,
    length_min: 20,
  },
  {
    id: "gitlab",
    finds: "tokens of GitLab",
    prefixes: [
      ..."glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glsoat- glimt- glagent- gloas- glffct- glwt-".split(
        " ",
      ),
    ],
    alphabet: dotted,
    length_min: 16,
  },
  {
    id: "slack",
    finds: "tokens and webhooks of Slack",
    prefixes: ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xoxe-", "xapp-"],
    alphabet: alphabet("A-Za-z0-9%_-"),
    length_min: 10,
  },
  {
    id: "slack",
    finds: "",
    prefixes: ["hooks.slack.com/services/", "hooks.slack.com/workflows/"],
    alphabet: path,
    length_min: 16,
  },
  {
    id: "npm",
    finds: "tokens of npm",
    prefixes: ["npm_"],
    alphabet: alphanumeric,
    length_min: 30,
  },
  {
    id: "grafana",
    finds: "tokens of Grafana",
    prefixes: ["glsa_", "glc_", "eyJrIjoi"],
    alphabet: base64_both,
    length_min: 20,
    is_word: true,
  },
  {
    id: "gcp",
    finds: "API keys, client secrets and access tokens of Google",
    prefixes: ["AIza", "GOCSPX-", "ya29."],
    alphabet: dotted,
    length_min: 24,
    is_word: true,
  },
  {
    id: "stripe",
    finds: "keys of Stripe",
    prefixes: ["sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"],
    alphabet: base64_both,
    length_min: 16,
  },
  {
    id: "openai",
    finds: "keys of OpenAI",
    prefixes: ["sk-proj-", "sk-svcacct-", "sk-admin-"],
    alphabet: base64url,
    length_min: 20,
  },
  {
    id: "anthropic",
    finds: "keys of Anthropic",
    prefixes: ["sk-ant-"],
    alphabet: base64url,
    length_min: 20,
  },
  {
    id: "registry",
    finds: "tokens of Docker, PyPI, RubyGems and Hugging Face",
    prefixes: ["dckr_pat_", "dckr_oat_", "pypi-AgE", "rubygems_", "hf_"],
    alphabet: base64url,
    length_min: 24,
    is_word: true,
  },
];

function lookFor({ alphabet: own, length_min, is_word }: Token): Look {
  return (text, at, end) => {
    if (is_word && !text.isWordStart(at)) return undefined;
    const stop = withoutDots(text, end, text.runEnd(end, own));
    return stop - end >= length_min && isMixed(text, end, stop)
      ? { start: at, end: stop }
      : undefined;
  };
}

/** The dot at the end of a sentence belongs to no token. */
function withoutDots(text: Text, start: number, end: number): number {
  let stop = end;
  while (stop > start && text.byte(stop - 1) === 0x2e) stop -= 1;
  text.steps += end - stop;
  return stop;
}

/** Of what is generated, this much has a digit or a capital letter; a name or a host has none. */
const mixed_length = 64;

function isMixed(text: Text, start: number, stop: number): boolean {
  return /[0-9A-Z]/.test(text.slice(start, Math.min(stop, start + mixed_length)));
}

function anchorsOf({ prefixes, alphabet: before }: Token): Anchor[] {
  return prefixes.map((literal) => ({ literal, exact: true, before }));
}

function detectorOf(id: string): Detector {
  const own = tokens.filter((each) => each.id === id);
  const [{ finds, prefixes, length_min }] = own as [Token];
  return {
    id,
    group: "credentials",
    finds,
    example: `${prefixes[0]}${"x".repeat(length_min)}`,
    ways: own.map((each) => ({ anchors: anchorsOf(each), look: lookFor(each) })),
  };
}

/** The older keys of OpenAI, and of others that took over their form, have no word behind `sk-`. */
const old_openai: Look = (text, at, end) => {
  if (!text.isWordStart(at) || text.byte(at - 1) === 0x2d || text.byte(at - 1) === 0x5f) {
    return undefined;
  }
  const stop = text.runEnd(end, alphanumeric);
  const is_key = stop - end >= 32 && isMixed(text, end, stop);
  return is_key ? { start: at, end: stop } : undefined;
};

/** One detector for each issuer. */
export const vendor_tokens: readonly Detector[] = [...new Set(tokens.map(({ id }) => id))]
  .map(detectorOf)
  .map((each) =>
    each.id === "openai"
      ? {
          ...each,
          ways: [
            ...each.ways,
            {
              anchors: [{ literal: "sk-", exact: true, before: alphanumeric }],
              look: old_openai,
              quick: (text: Text, at: number, end: number) =>
                old_openai(text, at, end) !== undefined,
            },
          ],
        }
      : each,
  );
