/**
 * What the modules of this project, and the modules that extend them, share: the selection of a ServiceLoader provider,
 * the guard around the listener of an application, calls that can be cancelled, HTTP dates and the hosts of npm. Start
 * with {@link io.alldocs.spi.ServiceProviders}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.spi;

import org.jspecify.annotations.NullMarked;
