/**
 * Reads what users pass to {@code --names}: lists, JSON arrays, package specs, manifests and lockfiles of npm. Start
 * with {@link NamesInput}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.cli.names;

import org.jspecify.annotations.NullMarked;
