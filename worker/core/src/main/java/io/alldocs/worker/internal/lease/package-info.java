/**
 * What a worker does with its leases: it fetches, renews and settles them, and decides what an error means for an
 * item. It is not part of the API: other modules must not use this package. Start with {@link
 * io.alldocs.worker.internal.lease.LeaseManager}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.internal.lease;

import org.jspecify.annotations.NullMarked;
