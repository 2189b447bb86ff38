/**
 * The domain of a service that no other fits: made of its name.
 */
import { type Domain, readDomain } from "./domain.ts";

/** A domain about things of this name, one word or several joined by underscores. */
export function genericDomain(entity: string): Domain {
  const collection = pluralOf(entity);
  const name = pascal(entity);
  const names = pascal(collection);
  const thing = entity.replaceAll("_", " ");
  return readDomain({
    entity,
    collection,
    id: entity.length % 2 === 0 ? "number" : "uuid",
    states: "draft active suspended archived",
    layer: 4,
    tables: [
      `${collection}: id owner_id status title created_at updated_at`,
      `${entity}_revisions: id ${entity}_id author_id revision payload created_at`,
    ],
    endpoints: [
      `GET - List${names} 42 ?status={state}&page={page}&limit=50 public`,
      `GET /ID Get${name} 18 +GetUser public`,
      `POST - Create${name} 75 201 >${entity}.created +GetUser public`,
      `PUT /ID Update${name} 58 >${entity}.updated public`,
      `GET /ID/history List${name}History 66 ?limit=20`,
      `POST /ID/archive Archive${name} 49 >${entity}.archived *`,
      `DELETE /ID Delete${name} 34`,
    ],
    steps: [
      "change:validate request @request-validator",
      "check permissions @access-policy",
      `change:apply changes @${entity.replaceAll("_", "-")}-mapper`,
      `answer:assemble ${thing} view @${entity.replaceAll("_", "-")}-view`,
      "answer:serialize response @response-serializer",
    ],
    failures: [
      `${name}NotFound: ${thing} {id} not found`,
      `change:${name}Conflict: ${thing} {id} was changed by another request, revision {n} is stale`,
      `change:${name}Archived: ${thing} {id} is archived and cannot be changed`,
      `change:QuotaExceeded: {user} has {count} of {count} ${collection.replaceAll("_", " ")}`,
    ],
    messages: {
      DEBUG: [
        `${thing} {id} loaded in {ms} ms`,
        `{n} ${collection.replaceAll("_", " ")} match the filter, returning page {page}`,
        `${thing} {id} served from cache, age {n} s`,
      ],
      INFO: [
        `${thing} {id} created by {user}`,
        `${thing} {id} updated, revision {n}`,
        `${thing} {id} is now {state}`,
        `{n} ${collection.replaceAll("_", " ")} archived by retention policy`,
        `synchronised {n} ${collection.replaceAll("_", " ")} in {jobMs} ms`,
        `export of {count} ${collection.replaceAll("_", " ")} finished in {jobMs} ms`,
      ],
      WARN: [
        `${thing} {id} has {101..900} revisions, compacting`,
        `slow query for ${collection.replaceAll("_", " ")}: {slowMs} ms`,
        `concurrent change of ${thing} {id}, attempt {attempt}`,
      ],
      ERROR: [
        `could not save ${thing} {id}: {reason}`,
        `synchronisation of ${collection.replaceAll("_", " ")} stopped after {n} records: {reason}`,
      ],
    },
  });
}

/** Many of a thing: quote -> quotes, tax -> taxes, policy -> policies. */
export function pluralOf(word: string): string {
  if (/(s|x|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

function pascal(text: string): string {
  return text.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
