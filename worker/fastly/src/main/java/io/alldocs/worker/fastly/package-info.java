/**
 * Workers that use Fastly's services: {@link io.alldocs.worker.fastly.FastlyRuntimeProvider} is the runtime that stores
 * data in Fastly's KV Store.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.fastly;

import org.jspecify.annotations.NullMarked;
