/**
 * A storage driver on a local disk, in the format of npm's cache library <a
 * href="https://github.com/npm/cacache">cacache</a> ({@code content-v2}, {@code index-v5}). {@code cacache} and
 * {@code npm} can list, read and verify the entries of this driver, and this driver can list, read and verify theirs.
 * Start with {@link io.alldocs.storage.filesystem.FilesystemStorageDriver}.
 *
 * <p><b>Layout.</b> A driver keeps all kinds of keys in one cache folder. The JavaScript project keeps one cache folder
 * per kind ({@code CACHE_DIR/partitions}, {@code CACHE_DIR/packuments}). To read those, open each of them as it is.
 *
 * <pre>
 * content-v2/{algorithm}/{h0h1}/{h2h3}/{rest}   the bytes of a body, named by their digest
 * index-v5/{k0k1}/{k2k3}/{rest}                 bucket of a key, named by its SHA-256: the last valid record counts
 * tmp/                                          files that are being written
 * _lastverified                                 when verify last repaired, milliseconds since 1970
 * CACHEDIR.TAG                                  makes backup programs skip the folder
 * _all-docs-format                              version of the additions of this driver to the format: 1
 * _all-docs-lock                                empty; the processes that share the folder lock ranges of it
 * </pre>
 *
 * <p><b>Concurrency and crash safety.</b> The driver writes content to {@code tmp} and renames it. It then appends the
 * index record with a single write. A crash at any instruction leaves at most content without a record, a torn record,
 * or a file in {@code tmp}. A torn record does not affect other records: each record has a checksum and is preceded by
 * a line break. A bucket is modified only under a lock, so rewriting a bucket never loses a record that this driver
 * wrote. The operating system releases the lock when the process dies. npm takes no locks. Run {@code npm cache verify}
 * and {@code npm cache clean} only while nothing writes, as npm itself requires. This driver's {@code verify} leaves
 * recently changed files untouched.
 *
 * <p><b>Limitations.</b> Keys are not ordered, so a listing walks all buckets. Entries do not expire, and the driver
 * does not monitor disk space. It is not suitable for network file systems without working locks. File names are
 * derived from the hash of a key, never from the key itself.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.filesystem;

import org.jspecify.annotations.NullMarked;
