/**
 * The runnable examples: one jar and one command line, with a subcommand for each example.
 *
 * <p>Commands only parse options, wire clients and print. They use public API only, so code that depends on the modules
 * can do everything that a command does. Start at {@link io.alldocs.cli.Main}; the main job is {@link
 * io.alldocs.sync.RegistrySync}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli;

import org.jspecify.annotations.NullMarked;
