// The quarterly scale: the same steps and scores as the server's code, and one's own result on the page.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SCALES, encodeAnswers, scoreOf, stepOf, toHex, valuesOf } from "../protocol.js";
import { showOwn } from "../scales.js";
import { vectors } from "./vectors.js";

const vector = vectors("scale");
const atLeast = vector.answered_at_least;
const { options } = vector.item;

describe("the step and the score", () => {
  for (const { rungs, step, score } of vector.cases) {
    test(`of ${JSON.stringify(rungs)}`, () => {
      assert.equal(stepOf(rungs, { atLeast }), step);
      assert.equal(scoreOf(rungs, { options, atLeast }), score === null ? null : score[0] / score[1]);
    });
  }

  test("lie on a grid of one step for each answer of each question", () => {
    assert.equal(valuesOf(vector.item), vector.values);
    assert.equal(SCALES[vector.item.id] * (options - 1) + 1, vector.values);
    assert.equal(valuesOf({ id: "workload", options: 5 }), 5);
  });
});

test("the step is sealed like an answer, in as many bytes, and nothing beyond the grid", () => {
  const core = ["workload", "support", "voice"].map((id) => ({ id, options: 5 }));
  const items = [...core, vector.item];
  const highest = vector.values - 1;

  assert.equal(toHex(encodeAnswers({ [vector.item.id]: highest }, items)), vector.plaintext);
  assert.throws(() => encodeAnswers({ [vector.item.id]: highest + 1 }, items));
});

/** As much of a page's section as `showOwn` touches. */
function section(froms) {
  const made = (dataset) => ({ dataset, removed: false, textContent: "", remove() { this.removed = true; } });
  const parts = {
    "[data-from]": froms.map((from) => made({ from })), "[data-too-few]": [made({})], "[data-scored]": [made({})], "[data-score]": [made({})],
  };
  const place = { ...made({}), hidden: true, querySelectorAll: (selector) => parts[selector] };
  return { parts, place, part: { querySelector: () => place } };
}

describe("one's own result", () => {
  const kept = ({ parts }) => parts["[data-from]"].filter(({ removed }) => !removed).map(({ dataset }) => dataset.from);

  for (const [score, from] of [[0, "0"], [49.9, "0"], [50, "50"], [74.9, "50"], [75, "75"], [100, "75"]]) {
    test(`of ${score} is said in the words from ${from}`, () => {
      const page = section(["0", "50", "75"]);

      showOwn(page.part, { score });

      assert.deepEqual(kept(page), [from]);
      assert.equal(page.parts["[data-score]"][0].textContent, String(Math.round(score)));
      assert.equal(page.parts["[data-too-few]"][0].removed, true);
      assert.equal(page.place.hidden, false);
    });
  }

  test("of too few answers is no number and no word about how it is", () => {
    const page = section(["0", "50", "75"]);

    showOwn(page.part, { score: null });

    assert.deepEqual(kept(page), []);
    assert.equal(page.parts["[data-scored]"][0].removed, true);
    assert.equal(page.parts["[data-too-few]"][0].removed, false);
    assert.equal(page.parts["[data-score]"][0].textContent, "");
  });

  test("is nowhere for who was not asked, and on pages that have no place for it", () => {
    const page = section(["0"]);

    showOwn(page.part, null);
    showOwn({ querySelector: () => null }, { score: 80 });

    assert.equal(page.place.removed, true);
  });
});
