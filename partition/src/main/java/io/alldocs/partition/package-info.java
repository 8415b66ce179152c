/**
 * Partitions: key ranges of a CouchDB database. This package walks {@code _all_docs} page by page into a cache, and
 * reads the {@code _changes} feed. It finds pivots that split the key space into partitions of one page each, and
 * reports whether a run is complete.
 *
 * <p>A partition is complete or the call fails; a part of a partition is never returned as the whole. The package
 * contains nothing specific to packuments. Start with {@link io.alldocs.partition.PartitionClient}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.partition;

import org.jspecify.annotations.NullMarked;
