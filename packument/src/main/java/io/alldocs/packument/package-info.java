/**
 * Packuments: the documents that a registry keeps for each package, fetched into a {@link io.alldocs.cache.Cache} with what became of each name.
 *
 * <p>Start at {@link io.alldocs.packument.PackumentClient}. Knows the names of packages ({@link io.alldocs.packument.PackageName}), the two forms
 * of a packument ({@link io.alldocs.packument.PackumentForm}) and what a registry can answer ({@link io.alldocs.packument.Outcome}).
 *
 * <p>Refuses to list names (that is the partition module's), to fetch tarballs, and to change a byte of what a registry sent.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.packument;

import org.jspecify.annotations.NullMarked;
