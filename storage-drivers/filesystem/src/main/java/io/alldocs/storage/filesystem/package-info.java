/**
 * A storage driver on a local disk, in the format of npm's cache library
 * <a href="https://github.com/npm/cacache">cacache</a> ({@code content-v2}, {@code index-v5}): what this driver stores, {@code cacache} and
 * {@code npm} list, read and verify, and the other way round. Open {@link io.alldocs.storage.filesystem.FilesystemStorageDriver} first.
 *
 * <p><b>Layout.</b> One cache folder per driver, all kinds of keys together. The JavaScript project keeps one such folder per kind
 * ({@code CACHE_DIR/partitions}, {@code CACHE_DIR/packuments}): open these two as they are to read them.
 *
 * <pre>
 * content-v2/{algorithm}/{h0h1}/{h2h3}/{rest}   the bytes of a body, named by their digest
 * index-v5/{k0k1}/{k2k3}/{rest}                 bucket of a key, named by its SHA-256: appended records, the last valid one counts
 * tmp/                                          files that are being written
 * _lastverified                                 when verify last repaired, milliseconds since 1970
 * CACHEDIR.TAG                                  tells backup programs to leave the folder out
 * _all-docs-format                              version of what this driver adds to the format: 1
 * _all-docs-lock                                empty; the processes that share the folder lock ranges of it
 * </pre>
 *
 * <p><b>Several processes, and a kill at any instruction.</b> Content is written to {@code tmp} and renamed; the record is appended after that,
 * with one write. A crash leaves at most content without a record, a torn record (which its checksum and the line break before every record
 * confine to itself) or a file in {@code tmp}. A bucket changes only under a lock that dies with its process, so that rewriting a bucket loses
 * no record of this driver's writers. npm knows no lock: let {@code npm cache verify} and {@code npm cache clean} run while nothing writes, as
 * npm itself needs it, and {@code verify} of this driver leaves alone what changed recently.
 *
 * <p><b>What it refuses.</b> It keeps no order of keys (listing walks all buckets), knows no expiry, does not watch the disk's space, and is not
 * for network file systems without working locks. A key never becomes a file name: only its hash does.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.filesystem;

import org.jspecify.annotations.NullMarked;
