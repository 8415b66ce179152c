/**
 * An example of a storage driver, which stores a cache in one table of a PostgreSQL database. Read it with the guide in
 * the README, and copy it. Start with {@link io.alldocs.examples.postgres.PostgresStorageDriver}.
 *
 * <p><b>The table.</b> The first driver that finds no table creates it, in the first schema of the connection's
 * {@code search_path}:
 *
 * <pre>
 * all_docs_entries (key bytea PRIMARY KEY, head jsonb, body bytea)
 * </pre>
 *
 * {@code key} is UTF-8; because it is {@code bytea}, it sorts as {@code KeyOrder.UTF8} regardless of the database's
 * collation. {@code head} is the JSON of {@code EntryMetadata.toJson()}. {@code body} contains the bytes as they were
 * received (see {@code encoding} of the head). The server does not compress these bytes, because they are already
 * compressed. A part of a large body can therefore be read without the rest. This query returns the number and size of
 * packuments by outcome:
 *
 * <pre>
 * SELECT head -&gt;&gt; 'outcome' AS outcome, count(*), sum((head -&gt;&gt; 'size')::bigint)
 * FROM all_docs_entries WHERE key &gt;= 'v1:packument:npm:' AND key &lt; 'v1:packument:npm;' GROUP BY outcome;
 * </pre>
 *
 * <p><b>Requirements.</b> PostgreSQL 12 or later and a UTF-8 database. The user needs either the right to create a
 * table, or an existing table with the rights to select, insert, update and delete.
 *
 * <p><b>Limitations.</b> Entries do not expire. The driver does not reclaim space, which is the task of autovacuum.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.postgres;

import org.jspecify.annotations.NullMarked;
