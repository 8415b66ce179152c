/**
 * Key ranges of a CouchDB database and what fills them: {@code _all_docs} walked page by page into a cache, pivots that cut the key space into
 * pieces of a page each, the {@code _changes} feed, and the proof that nothing is missing.
 *
 * <p>Refuses to serve part of a partition as the whole: a partition is complete, or the call fails. Knows nothing of packuments. Start at {@link
 * io.alldocs.partition.PartitionClient}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.partition;

import org.jspecify.annotations.NullMarked;
