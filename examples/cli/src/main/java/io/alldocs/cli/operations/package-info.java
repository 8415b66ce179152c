/**
 * Work with a cache that is there: list, count, verify, clear, export, compare and copy what it holds. Each command
 * asks the store alone, but {@code verify --repair}, which fetches again what is damaged.
 *
 * <p>Start at {@link io.alldocs.cli.operations.Selection}: what a command works on.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.operations;

import org.jspecify.annotations.NullMarked;
