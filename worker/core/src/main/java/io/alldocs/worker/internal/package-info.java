/**
 * What every other internal package of the worker uses: JSON, as text and in a store. It is not part of the API:
 * other modules must not use this package. Start with {@link io.alldocs.worker.internal.Json}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.internal;

import org.jspecify.annotations.NullMarked;
