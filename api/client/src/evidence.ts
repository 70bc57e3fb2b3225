/** The register's word on one fact, fetched when it is asked for. A failure is an error with its cause. */

import type { FactId } from "./contract";

export interface Evidence {
  sentence: string;
  since: string | null;
  until: string | null;
  recorded_at: string | null;
  occurred_at: string | null;
  register: string | null;
  number: string | null;
  actor: string | null;
  decided_by: string | null;
  proof: string | null;
  rules: { id: string; brief: string }[];
  /** The act that ends it, and whose act that is. */
  ended_by: string | null;
}

export type Failure =
  | { kind: "unreachable" }
  | { kind: "refused"; status: number; detail: string }
  | { kind: "malformed" };

export class EvidenceError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
  }
}

export interface EvidenceSource {
  (fact: FactId): Promise<Evidence>;
}

/** Answers are kept for as long as the drawing stands; failures are not, so that trying again is possible. */
export function evidenceFrom(prefix: string, fetcher: typeof fetch): EvidenceSource {
  const kept = new Map<FactId, Promise<Evidence>>();
  return (fact) => {
    let answer = kept.get(fact);
    if (!answer) {
      answer = ask(`${prefix}${encodeURIComponent(fact)}`, fetcher);
      kept.set(fact, answer);
      answer.catch(() => kept.delete(fact));
    }
    return answer;
  };
}

async function ask(address: string, fetcher: typeof fetch): Promise<Evidence> {
  let response: Response;
  try {
    response = await fetcher(address, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
  } catch {
    throw new EvidenceError({ kind: "unreachable" });
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok)
    throw new EvidenceError({ kind: "refused", status: response.status, detail: problem(body) });
  return readEvidence(body);
}

/** The words of a problem document (RFC 9457). */
function problem(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  const { title, detail } = body as Record<string, unknown>;
  return [title, detail].filter((part) => typeof part === "string").join(" — ");
}

export function readEvidence(body: unknown): Evidence {
  if (typeof body !== "object" || body === null) throw new EvidenceError({ kind: "malformed" });
  const raw = body as Record<string, unknown>;
  const { sentence, rules } = raw;
  if (typeof sentence !== "string" || sentence === "") throw new EvidenceError({ kind: "malformed" });
  return {
    sentence,
    since: word(raw["since"]),
    until: word(raw["until"]),
    recorded_at: word(raw["recorded_at"]),
    occurred_at: word(raw["occurred_at"]),
    register: word(raw["register"]),
    number: word(raw["number"]),
    actor: word(raw["actor"]),
    decided_by: word(raw["decided_by"]),
    proof: word(raw["proof"]),
    rules: Array.isArray(rules) ? rules.flatMap(readRule) : [],
    ended_by: word(raw["ended_by"]),
  };
}

function readRule(raw: unknown): { id: string; brief: string }[] {
  const { id, brief } = (raw ?? {}) as Record<string, unknown>;
  return typeof id === "string" ? [{ id, brief: typeof brief === "string" ? brief : "" }] : [];
}

function word(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}
