/** Database clients. Sources: docs/db/database-spans.md, docs/db/database-metrics.md, docs/registry/attributes/db.md. */
import { keyRules } from "./tables.ts";

const SYSTEMS =
  `mariadb microsoft.sql_server mysql postgresql actian.ingres aws.dynamodb aws.redshift azure.cosmosdb cassandra
 clickhouse cockroachdb couchbase couchdb derby elasticsearch firebirdsql gcp.spanner geode h2database hbase hive hsqldb ibm.db2
 ibm.informix ibm.netezza influxdb instantdb intersystems.cache memcached mongodb neo4j opensearch oracle.db redis sap.hana sap.maxdb
 softwareag.adabas sqlite teradata trino other_sql`.replaceAll(/\s+/g, " ");

const OLD_SYSTEMS =
  `adabas cache cassandra clickhouse cloudscape cockroachdb coldfusion cosmosdb couchbase couchdb db2 derby dynamodb edb
 elasticsearch filemaker firebird firstsql geode h2 hanadb hbase hive hsqldb influxdb informix ingres instantdb interbase intersystems_cache
 mariadb maxdb memcached mongodb mssql mssqlcompact mysql neo4j netezza opensearch oracle other_sql pervasive pointbase postgresql progress
 redis redshift spanner sqlite sybase teradata trino vertica`.replaceAll(/\s+/g, " ");

export const DATABASE_KEYS = [
  ...keyRules(
    "new",
    `
    db.system.name                      string    database! point log resource = ${SYSTEMS}
    db.namespace                        string    database point log resource
    db.collection.name                  string    database point log
    db.operation.name                   string    database point log
    db.response.status_code             string    database point log
    db.query.text                       string    database log
    db.query.summary                    string    database point log
    db.stored_procedure.name            string    database point
    db.operation.batch.size             int       database log
    db.response.returned_rows           int       database log
    db.query.parameter.<key>            string    database
    db.operation.parameter.<key>        string    database
    db.client.connection.pool.name      string    point log
    db.client.connection.state          string    point = idle used
    elasticsearch.node.name             string    database
    `,
  ),
  ...keyRules(
    "old",
    `
    db.system                           string    database! = ${OLD_SYSTEMS}
    db.statement                        string    database
    db.operation                        string    database
    db.name                             string    database
    db.user                             string    database
    db.connection_string                string    database
    db.instance.id                      string    database
    db.sql.table                        string    database
    db.redis.database_index             int       database
    db.mongodb.collection               string    database
    db.cassandra.table                  string    database
    db.cosmosdb.container               string    database
    db.elasticsearch.cluster.name       string    database
    db.jdbc.driver_classname            string    database
    db.mssql.instance_name              string    database
    `,
  ),
];
