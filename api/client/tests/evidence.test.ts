import { expect, test } from "vitest";
import { EvidenceError, evidenceFrom, type Failure } from "../src/evidence";

const answering = (body: unknown, status = 200) => {
  const asked: string[] = [];
  const fetcher = ((address: string) => {
    asked.push(address);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status }));
  }) as unknown as typeof fetch;
  return { asked, source: evidenceFrom("/api/v1/evidence/", fetcher) };
};

async function failure(asking: Promise<unknown>): Promise<Failure> {
  return asking.then(
    () => {
      throw new Error("answered");
    },
    (error: unknown) => (error as EvidenceError).failure,
  );
}

test("the answer is read, and kept", async () => {
  const { asked, source } = answering({ sentence: "刘洋属于业务一科", number: 1042, rules: [{ id: "S03-4.1a" }] });

  const evidence = await source("f 1/2");
  await source("f 1/2");

  expect(asked).toEqual(["/api/v1/evidence/f%201%2F2"]);
  expect(evidence).toMatchObject({ number: "1042", until: null, rules: [{ id: "S03-4.1a", brief: "" }] });
});

test("a refusal keeps the words of the problem document", async () => {
  const { source } = answering({ title: "图暂不可用", detail: "请稍后" }, 503);

  expect(await failure(source("f1"))).toEqual({ kind: "refused", status: 503, detail: "图暂不可用 — 请稍后" });
});

test.each([["<html>"], [[]], [{ sentence: "" }], ["null"]])("an answer without a sentence is an error: %j", async (body) => {
  const { source } = answering(body);

  expect(await failure(source("f1"))).toEqual({ kind: "malformed" });
});

test("a failure is not kept: trying again asks again", async () => {
  let up = false;
  const fetcher = (() =>
    up
      ? Promise.resolve(new Response(JSON.stringify({ sentence: "在" })))
      : Promise.reject(new TypeError("offline"))) as unknown as typeof fetch;
  const source = evidenceFrom("/", fetcher);

  expect(await failure(source("f1"))).toEqual({ kind: "unreachable" });
  up = true;
  expect((await source("f1")).sentence).toBe("在");
});
