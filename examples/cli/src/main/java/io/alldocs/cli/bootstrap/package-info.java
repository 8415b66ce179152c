/**
 * The main job: every name of a key range and every packument, from an origin into a cache, resumable at any moment.
 *
 * <p>{@link io.alldocs.sync.RegistrySync} is the job without a command line, so that a worker can run it too; {@link
 * io.alldocs.cli.bootstrap.BootstrapCommand} wires it from options and prints. What is known of a run lives in the
 * cache, in small records that are written after the data they speak of, so a process that dies costs what was in
 * flight. Nothing here deletes an entry.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.bootstrap;

import org.jspecify.annotations.NullMarked;
