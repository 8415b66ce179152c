/**
 * Counts, rates and the progress of jobs, as JSON and as metrics. It is not part of the API: other modules must not use
 * this package. Start with {@link io.alldocs.worker.internal.progress.ProgressReport}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.internal.progress;

import org.jspecify.annotations.NullMarked;
