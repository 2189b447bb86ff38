/**
 * Commands to databases of documents: MongoDB, and Elasticsearch over its REST interface.
 */
import type { Domain } from "./domains.ts";
import { rolesOf, type Statement, statement } from "./statement.ts";

export const mongoStatements = ({ tables }: Domain): Statement[] =>
  tables.flatMap((table, nth) => {
    const { name, columns } = table;
    const { owner, time = columns[2]!, changed } = rolesOf(table);
    const touched = time.startsWith("updated") ? `, "${time}": "?"` : "";
    return [
      statement(
        "one",
        "find",
        table,
        1.2,
        `{"find": "${name}", "filter": {"_id": "?"}, "limit": "?", "singleBatch": true}`,
      ),
      statement(
        "many",
        "find",
        table,
        4.8,
        `{"find": "${name}", "filter": {"${owner}": "?"}, "sort": {"${time}": "?"}, "limit": "?"}`,
      ),
      ...(nth === 0
        ? [
            statement(
              "count",
              "aggregate",
              table,
              6.4,
              `{"aggregate": "${name}", "pipeline": [{"$match": {"${changed}": "?"}}, {"$group": {"_id": "?", "n": {"$sum": "?"}}}], "cursor": {}}`,
            ),
          ]
        : []),
      statement("insert", "insert", table, 2.2, `{"insert": "${name}", "ordered": true, "documents": ["?"]}`),
      statement(
        "update",
        "update",
        table,
        2.6,
        `{"update": "${name}", "updates": [{"q": {"_id": "?"}, "u": {"$set": {"${changed}": "?"${touched}}}}]}`,
      ),
      nth === 1
        ? statement(
            "upsert",
            "findAndModify",
            table,
            3.3,
            `{"findAndModify": "${name}", "query": {"${owner}": "?"}, "update": {"$set": {"${changed}": "?"}}, "upsert": true, "new": true}`,
          )
        : statement(
            "delete",
            "delete",
            table,
            2.1,
            `{"delete": "${name}", "deletes": [{"q": {"_id": "?"}, "limit": "?"}]}`,
          ),
    ];
  });

export const elasticsearchStatements = ({ tables }: Domain): Statement[] =>
  tables.flatMap((table) => {
    const [, second, third] = table.columns;
    return [
      statement("one", "get", table, 1.9, `GET /${table.name}/_doc/?`),
      statement(
        "many",
        "search",
        table,
        14,
        `{"query":{"bool":{"must":[{"match":{"${second}":"?"}}],"filter":[{"term":{"${third}":"?"}}]}},"size":"?","from":"?"}`,
      ),
      statement("count", "count", table, 5.1, `{"query":{"term":{"${third}":"?"}}}`),
      statement("insert", "index", table, 6.3, `{"${second}":"?","${third}":"?"}`),
      statement(
        "update",
        "bulk",
        table,
        18,
        `{"update":{"_index":"${table.name}","_id":"?"}} {"doc":{"${third}":"?"}}`,
      ),
      statement("delete", "delete_by_query", table, 22, `{"query":{"term":{"${second}":"?"}}}`),
    ];
  });
