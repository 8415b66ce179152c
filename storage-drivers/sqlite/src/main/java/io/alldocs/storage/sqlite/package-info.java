/**
 * A storage driver that keeps everything in one <a href="https://www.sqlite.org/">SQLite</a> file, for a cache of the size of the registry: one
 * file instead of millions, names in order, heads that SQL can query. Open {@link io.alldocs.storage.sqlite.SqliteStorageDriver} first.
 *
 * <p><b>Tables</b>, for any program that opens SQLite files:
 *
 * <pre>
 * entries (id INTEGER, key TEXT, head TEXT)      keys in the order of their UTF-8 bytes; head is the JSON of EntryHead.toJson()
 * bodies  (id INTEGER, bytes BLOB)               bodies up to 1 MiB, as they were received (see $.encoding of the head)
 * parts   (id INTEGER, part INTEGER, bytes BLOB) larger bodies, in parts of 1 MiB
 * </pre>
 *
 * {@code id} links the three. Deleting a row of {@code entries} deletes its body, in every program: a trigger sees to it. How many documents of
 * which outcome there are, and how large:
 *
 * <pre>
 * SELECT json_extract(head, '$.outcome') AS outcome, count(*), sum(json_extract(head, '$.size'))
 * FROM entries WHERE key &gt;= 'v1:packument:npm:' AND key &lt; 'v1:packument:npm;' GROUP BY outcome;
 * </pre>
 *
 * The name of a package is the last part of its key in hex; SQLite 3.41 and later reads it with {@code CAST(unhex(substr(key, 18)) AS TEXT)}. To
 * copy a file that is in use, say {@code VACUUM INTO 'copy.sqlite'}: a plain copy lacks what is still in the log.
 *
 * <p><b>The file.</b> Write-ahead log, incremental vacuum, pages of 8 KiB, {@code application_id} 0x616c6c64 ("alld"), {@code user_version} 1.
 * Heads and bodies are in tables of their own, so that reading or replacing a head, or querying all of them, touches no body; listing reads the
 * index of the keys alone.
 *
 * <p><b>What it refuses.</b> Network file systems: the log needs shared memory. Files of other programs. It watches no disk space and expires
 * nothing; move or delete the file only while nobody has it open.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.sqlite;

import org.jspecify.annotations.NullMarked;
