/**
 * The runnable examples: one jar, one command line, a subcommand for each.
 *
 * <p>Programs only parse options, wire clients and print. They keep nothing of the SDK for themselves: what a program
 * can do, code that depends on the modules can do. Start at {@link io.alldocs.cli.Main}; the main job is
 * {@link io.alldocs.sync.RegistrySync}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli;

import org.jspecify.annotations.NullMarked;
