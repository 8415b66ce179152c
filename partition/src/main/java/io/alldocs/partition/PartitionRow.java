package io.alldocs.partition;

import org.jspecify.annotations.Nullable;

/**
 * One document of a database as {@code _all_docs} lists it.
 *
 * @param id the document's id, on npm a package name
 * @param rev its revision, {@code null} when the server did not say
 */
public record PartitionRow(String id, @Nullable String rev) {}
