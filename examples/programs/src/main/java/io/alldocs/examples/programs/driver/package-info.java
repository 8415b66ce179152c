/**
 * A storage driver as a user of the SDK would write it: {@link io.alldocs.examples.programs.driver.LogStorageDriver} keeps a whole cache in one
 * append-only file. It passes the same contract suite as the project's own drivers.
 *
 * <p>Small on purpose: it never reclaims replaced values. The README walks through it.
 */
@NullMarked
package io.alldocs.examples.programs.driver;

import org.jspecify.annotations.NullMarked;
