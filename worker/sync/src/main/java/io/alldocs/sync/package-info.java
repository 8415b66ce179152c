/**
 * Runs a complete sync job as a library. The job lists every name of a key range and fetches every packument into a
 * cache. It then keeps the cache current from the feed of changes, and compares it with its origin.
 *
 * <p>The records of a job are in the cache, in small values that are written after the data that they describe. A
 * process that is killed loses only the requests that were in flight. This package does not print, read a command line
 * or set exit codes.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.sync;

import org.jspecify.annotations.NullMarked;
