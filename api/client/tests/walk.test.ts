import { beforeEach, expect, test } from "vitest";
import { columnsOf } from "../src/columns";
import { SHOWN_MEMBERS } from "../src/faces";
import type { Verdict } from "../src/contract";
import type { Box } from "../src/layout";
import { buildScene, inSight } from "../src/scene";
import { arrow, trailAt, walk, type Arrow, type Ground, type Part } from "../src/walk";
import { bulletin, World } from "./world";

let ground: Ground;

function groundOf(world: World, open: string[] = [], verdicts: Verdict[] = []): Ground {
  const paths = world.paths();
  const scene = buildScene(paths, { limit: 40, verdicts: new Set() });
  const boxes = new Map<string, Box>();
  [...scene.cards.map((card) => card.key), ...scene.stops.keys(), "item"].forEach((key, n) =>
    boxes.set(key, { x: 0, y: n * 100, width: 100, height: 50 }),
  );
  const sight = inSight(scene, new Set(verdicts), null);
  return { scene, sight, boxes, columns: columnsOf(scene, paths).of, open: new Set(open) };
}

beforeEach(() => {
  ground = groundOf(bulletin());
});

const short = (part: Part | null) =>
  part === null
    ? null
    : part.kind === "mark"
      ? `mark ${part.mark}`
      : part.kind === "link"
        ? `link ${part.key.split(" ")[1]}`
        : part.kind === "member"
          ? `member ${part.person}`
          : `${part.kind} ${part.key}`;

function press(from: Part, ...keys: Arrow[]): (string | null)[] {
  const seen: (string | null)[] = [];
  let here: Part | null = from;
  let trail = trailAt(ground, from, null);
  for (const key of keys) {
    here = here && arrow(ground, here, key, trail);
    if (here) trail = trailAt(ground, here, trail);
    seen.push(short(here));
  }
  return seen;
}

test("Tab walks each card with its conditions, then its route, and each stop once", () => {
  expect(walk(ground).map(short).slice(0, 14)).toEqual([
    "card know:liuyang",
    "mark level",
    "mark vetting",
    "mark undertaking",
    "toggle know:liuyang",
    "link know:liuyang",
    "stop know:section",
    "link know:section",
    "stop know:range",
    "link know:range",
    "stop item",
    "card know:zhaomin",
    "mark level",
    "mark vetting",
  ]);
});

test("no part is walked twice", () => {
  const ids = walk(ground).map((part) => JSON.stringify(part));

  expect(new Set(ids).size).toBe(ids.length);
});

test("an opened card's people are walked before its route, thirty at most", () => {
  const world = bulletin();
  for (let n = 0; n < 40; n += 1) {
    const id = world.node(`p${n}`, "Person");
    const { marks, routes } = world.people[0]!;
    const member = world.fact("MEMBER_OF", id, "section");
    world.people.push({
      id,
      verdict: "know",
      marks,
      routes: [{ ...routes[0]!, steps: [member, "f1", "f2"] }],
    });
  }
  ground = groundOf(world, ["know:liuyang"]);

  const kinds = walk(ground)
    .filter((part) => part.key === "know:liuyang")
    .map(({ kind }) => kind);

  expect(kinds.filter((kind) => kind === "member")).toHaveLength(SHOWN_MEMBERS);
  expect(kinds.at(-1)).toBe("rest");
});

test("the right arrow follows the route to the item, and the left one comes back the same way", () => {
  const forth = ["link reach:machao", "stop reach:R301", "link reach:R301", "stop reach:B1"];

  const right = press({ kind: "card", key: "reach:machao" }, ...Array<Arrow>(4).fill("ArrowRight"));
  const there = press(
    { kind: "card", key: "reach:machao" },
    ...Array<Arrow>(4).fill("ArrowRight"),
    ...Array<Arrow>(4).fill("ArrowLeft"),
  );

  expect(right).toEqual(forth);
  expect(there.at(-1)).toBe("card reach:machao");
});

test("the walk ends at the item and at the card", () => {
  expect(press({ kind: "stop", key: "item" }, "ArrowRight")).toEqual([null]);
  expect(press({ kind: "card", key: "know:liuyang" }, "ArrowLeft")).toEqual([null]);
});

test("up and down stay among the people, and on the same mark", () => {
  expect(press({ kind: "card", key: "know:liuyang" }, "ArrowDown")).toEqual(["card know:zhaomin"]);
  expect(press({ kind: "mark", key: "know:zhaomin", mark: "vetting" }, "ArrowDown")).toEqual(["mark vetting"]);
  expect(press({ kind: "card", key: "know:liuyang" }, "ArrowUp")).toEqual([null]);
});

test("right from a mark goes through the other conditions and then on", () => {
  const from: Part = { kind: "mark", key: "know:zhaomin", mark: "vetting" };

  expect(press(from, "ArrowRight", "ArrowRight", "ArrowRight")).toEqual([
    "mark undertaking",
    "link know:zhaomin",
    "stop item",
  ]);
});

test("what a filter hides is not walked", () => {
  ground = groundOf(bulletin(), [], ["blocked"]);

  const keys = walk(ground).map(short);

  expect(keys[0]).toBe("card know:sunlei");
  expect(keys.some((key) => key?.includes("reach:"))).toBe(false);
  expect(press({ kind: "card", key: "know:sunlei" }, "ArrowDown")).toEqual([null]);
});
