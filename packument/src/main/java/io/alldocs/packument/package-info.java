/**
 * Fetches packuments, the documents that a registry keeps for each package, into a {@link io.alldocs.cache.Cache},
 * together with the outcome for each name.
 *
 * <p>Start with {@link io.alldocs.packument.PackumentClient}. Other central types are package names
 * ({@link io.alldocs.packument.PackageName}), the two forms of a packument ({@link io.alldocs.packument.PackumentForm})
 * and the possible responses of a registry ({@link io.alldocs.packument.Outcome}).
 *
 * <p>This package does not list names, which is the task of the partition module. It does not fetch tarballs, and never
 * changes a byte of what a registry sent.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.packument;

import org.jspecify.annotations.NullMarked;
