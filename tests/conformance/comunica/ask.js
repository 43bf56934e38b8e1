// Asks queries with Comunica: reads {"sources": [...], "queries": [...]} and writes one answer for each query, as JSON.
import { QueryEngine } from "@comunica/query-sparql";

const { sources, queries } = JSON.parse(process.argv[2]);
const engine = new QueryEngine();

function shown(term) {
  return term.termType === "Literal"
    ? { value: term.value, language: term.language, datatype: term.datatype.value }
    : { value: term.value };
}

async function answer(query) {
  const result = await engine.query(query, { sources });
  if (result.resultType === "boolean") {
    return await result.execute();
  }
  const stream = await result.execute();
  if (result.resultType === "quads") {
    return (await stream.toArray()).map((quad) =>
      ["subject", "predicate", "object"].map((place) => shown(quad[place])),
    );
  }
  return (await stream.toArray()).map((row) =>
    Object.fromEntries([...row].map(([variable, term]) => [variable.value, shown(term)])),
  );
}

const answers = [];
for (const query of queries) {
  answers.push(await answer(query));
}
process.stdout.write(JSON.stringify(answers));
