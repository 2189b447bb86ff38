/**
 * Databases behind the services.
 */
import { elasticsearchStatements, mongoStatements } from "./document-statements.ts";
import type { Domain } from "./domains.ts";
import { mysqlStatements, postgresStatements, sqlServerStatements } from "./sql-statements.ts";
import type { Purpose, Statement } from "./statement.ts";

export interface DatabaseSystem {
  /** `db.system.name`. */
  readonly name: "postgresql" | "mysql" | "microsoft.sql_server" | "mongodb" | "elasticsearch" | "redis";
  readonly port: number;
  /** Statements on the tables (or collections, or kinds of keys) of a domain. */
  readonly statements: (domain: Domain) => readonly Statement[];
}

export const POSTGRESQL: DatabaseSystem = { name: "postgresql", port: 5432, statements: postgresStatements };

export const MYSQL: DatabaseSystem = { name: "mysql", port: 3306, statements: mysqlStatements };

export const SQL_SERVER: DatabaseSystem = {
  name: "microsoft.sql_server",
  port: 1433,
  statements: sqlServerStatements,
};

export const MONGODB: DatabaseSystem = { name: "mongodb", port: 27017, statements: mongoStatements };

export const ELASTICSEARCH: DatabaseSystem = {
  name: "elasticsearch",
  port: 9200,
  statements: elasticsearchStatements,
};

/** The cache beside the database: keys of a domain's things, its lists and its counters. */
export const REDIS: DatabaseSystem = {
  name: "redis",
  port: 6379,
  statements: ({ entity, collection }) => {
    const command = (purpose: Purpose, operation: string, text: string, ms: number): Statement => ({
      purpose,
      operation,
      text,
      summary: operation,
      table: entity,
      reads: purpose === "one" || purpose === "many",
      ms,
    });
    return [
      command("one", "GET", `GET ${entity}:?`, 0.35),
      command("many", "MGET", `MGET ${entity}:? ${entity}:? ${entity}:?`, 0.6),
      command("upsert", "SETEX", `SETEX ${entity}:? ? ?`, 0.42),
      command("delete", "DEL", `DEL ${entity}:? ${collection}:list:?`, 0.4),
      command("join", "HGETALL", `HGETALL ${entity}:meta:?`, 0.5),
      command("update", "INCR", `INCR ${collection}:requests:?`, 0.3),
      command("insert", "ZADD", `ZADD ${collection}:recent ? ?`, 0.45),
      command("count", "ZCARD", `ZCARD ${collection}:recent`, 0.28),
    ];
  },
};
