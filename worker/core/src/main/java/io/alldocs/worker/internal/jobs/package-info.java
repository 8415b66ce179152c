/**
 * The built-in processors, and the jobs that many workers share: a job's coordinator, its records and its items. It
 * is not part of the API: other modules must not use this package. Start with {@link
 * io.alldocs.worker.internal.jobs.BuiltInProcessors}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.internal.jobs;

import org.jspecify.annotations.NullMarked;
