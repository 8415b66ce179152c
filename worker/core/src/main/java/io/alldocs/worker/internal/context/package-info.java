/**
 * What the built-in processors work with: the clients of a worker, and the context of an item. It is not part of the
 * API: other modules must not use this package. Start with {@link io.alldocs.worker.internal.context.ItemContext}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.internal.context;

import org.jspecify.annotations.NullMarked;
