import { expect, test } from "vitest";
import { mask } from "../src/mask";
import { bulletin, zh } from "./world";

test("no name of a person and no title is left anywhere", () => {
  const world = bulletin();
  world.nodes["section"]!.sub = "赵敏分管";
  const paths = world.paths();
  paths.sentence = "乙号通报 机密★20年 — 赵敏等4人可知悉";

  const { item, sentence, nodes } = mask(paths, zh);

  const words = JSON.stringify([item.title, sentence, nodes]);
  for (const name of ["乙号通报", "赵敏", "liuyang"]) expect(Object.values(nodes).some((thing) => thing.name.includes(name))).toBe(false);
  expect(words).not.toContain("乙号通报");
  expect(words).not.toContain("赵敏");
});

test("rooms, departments and numbers of carriers stay, what is written beside a carrier goes", () => {
  const { nodes } = mask(bulletin().paths(), zh);

  expect(nodes["section"]?.name).toBe("业务一科");
  expect(nodes["C2"]).toEqual({ label: "Carrier", name: "000012" });
});

test("the word of a level stays in the sentence", () => {
  const world = bulletin();
  world.node("secret", "Level", "机密");

  expect(mask(world.paths(), zh).sentence).toContain("机密★20年");
});

test("a list that bears no name of its own keeps its kind", () => {
  const world = bulletin();
  world.node("range-of-D2", "Range", "知悉范围");

  expect(mask(world.paths(), zh).nodes["range-of-D2"]?.name).toBe("知悉范围");
});

test("each person keeps one and the same stand-in", () => {
  const { nodes, people } = mask(bulletin().paths(), zh);

  const names = people.map(({ id }) => nodes[id]?.name);

  expect(new Set(names).size).toBe(names.length);
});
