/**
 * Commands for an existing cache: list, count, verify, clear, export, compare and copy its entries. The commands read
 * the store only and send no requests. The exception is {@code verify --repair}, which fetches damaged entries again.
 *
 * <p>Start at {@link io.alldocs.cli.operations.Selection}, which selects the entries that a command works on.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.operations;

import org.jspecify.annotations.NullMarked;
