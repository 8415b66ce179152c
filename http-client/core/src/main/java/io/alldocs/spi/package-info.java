/**
 * What the extension points of all modules share: the selection of a ServiceLoader provider, and the guard around the
 * listener of an application. Start with {@link io.alldocs.spi.ServiceProviders}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.spi;

import org.jspecify.annotations.NullMarked;
