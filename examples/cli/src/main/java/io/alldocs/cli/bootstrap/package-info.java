/**
 * The main job. It fetches every name of a key range and every packument from an origin into a cache. An interrupted
 * job can always be resumed.
 *
 * <p>{@link io.alldocs.sync.RegistrySync} is the job without a command line, so that a worker can run it too. {@link
 * io.alldocs.cli.bootstrap.BootstrapCommand} builds it from options and prints the result. The state of a run is stored
 * in the cache, in small records. Each record is written after the data it describes, so a crash loses only the work
 * that was in flight. This package deletes no entries.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.bootstrap;

import org.jspecify.annotations.NullMarked;
