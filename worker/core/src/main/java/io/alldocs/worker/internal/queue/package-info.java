/**
 * The items of the local queue: their states, their order and their journal in a store. {@link
 * io.alldocs.worker.LocalWorkQueue} adds the lock and the waiting. It is not part of the API: other modules must not
 * use this package. Start with {@link io.alldocs.worker.internal.queue.LocalItems}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.internal.queue;

import org.jspecify.annotations.NullMarked;
