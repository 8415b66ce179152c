/**
 * What all modules share: configuration variables ({@link io.alldocs.Env}) and the root of all exceptions
 * ({@link io.alldocs.AllDocsException}).
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs;

import org.jspecify.annotations.NullMarked;
