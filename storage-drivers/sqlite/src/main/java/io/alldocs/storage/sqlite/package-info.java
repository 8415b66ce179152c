/**
 * A storage driver that keeps everything in one <a href="https://www.sqlite.org/">SQLite</a> file. It suits a cache of
 * the size of the whole registry. One file replaces millions of files, and names are ordered. Heads (the metadata of
 * entries) can be queried with SQL. Start with {@link io.alldocs.storage.sqlite.SqliteStorageDriver}.
 *
 * <p><b>Tables</b>, for any program that opens SQLite files:
 *
 * <pre>
 * entries (id INTEGER, key TEXT, head TEXT)      keys in the order of their UTF-8 bytes; head is EntryMetadata.toJson()
 * bodies  (id INTEGER, bytes BLOB)               bodies up to 1 MiB, as they were received (see $.encoding of the head)
 * parts   (id INTEGER, part INTEGER, bytes BLOB) larger bodies, in parts of 1 MiB
 * </pre>
 *
 * The column {@code id} links the three tables. A trigger deletes the body when a row of {@code entries} is deleted,
 * whichever program deletes it. This query returns the number and size of documents by outcome:
 *
 * <pre>
 * SELECT json_extract(head, '$.outcome') AS outcome, count(*), sum(json_extract(head, '$.size'))
 * FROM entries WHERE key &gt;= 'v1:packument:npm:' AND key &lt; 'v1:packument:npm;' GROUP BY outcome;
 * </pre>
 *
 * The name of a package is the last part of its key in hex; SQLite 3.41 and later reads it with
 * {@code CAST(unhex(substr(key, 18)) AS TEXT)}. To copy a file that is in use, run {@code VACUUM INTO 'copy.sqlite'}; a
 * plain file copy would miss the changes that are still in the log.
 *
 * <p><b>The file.</b> The file uses a write-ahead log, incremental vacuum, pages of 8 KiB, {@code application_id}
 * 0x616c6c64 ("alld"), {@code user_version} 1. Heads and bodies are in separate tables, so reading, replacing or
 * querying heads does not read any body. A listing reads only the index of keys.
 *
 * <p><b>Limitations.</b> Network file systems are not supported, because the log needs shared memory. The driver
 * rejects files of other programs. It does not monitor disk space, and entries do not expire. Move or delete the file
 * only while no process has it open.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.sqlite;

import org.jspecify.annotations.NullMarked;
