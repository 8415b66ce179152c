/**
 * The worked example of a storage driver, to be read beside the README's guide and to be copied: a cache in one table of a PostgreSQL database. Open
 * {@link io.alldocs.examples.postgres.PostgresStorageDriver} first.
 *
 * <p><b>The table</b>, made by the first driver that finds none, in the first schema of the connection's {@code search_path}:
 *
 * <pre>
 * all_docs_entries (key bytea PRIMARY KEY, head jsonb, body bytea)
 * </pre>
 *
 * {@code key} is UTF-8; as bytes it has the order of {@code KeyOrder.UTF8} whatever the database's collation. {@code head} is the JSON of
 * {@code EntryHead.toJson()}. {@code body} holds the bytes as they were received (see {@code encoding} of the head), uncompressed by the server:
 * they are compressed already, and a part of a large one is read without the rest. How many packuments there are of which outcome, and how large:
 *
 * <pre>
 * SELECT head -&gt;&gt; 'outcome' AS outcome, count(*), sum((head -&gt;&gt; 'size')::bigint)
 * FROM all_docs_entries WHERE key &gt;= 'v1:packument:npm:' AND key &lt; 'v1:packument:npm;' GROUP BY outcome;
 * </pre>
 *
 * <p><b>What it needs.</b> PostgreSQL 12 or later, a database in UTF-8, and the right to create a table, or the table and the rights to select, insert,
 * update and delete.
 *
 * <p><b>What it refuses.</b> It expires nothing and gives no space back: that is autovacuum's part.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.postgres;

import org.jspecify.annotations.NullMarked;
