/**
 * Auto-configuration for Spring Boot 4. From the properties {@code all-docs.*} it creates the store, the cache, the
 * HTTP client, the two clients, a sync job and a worker. It also adds health and metrics. A bean of the application
 * replaces the bean of the same type.
 *
 * <p>This package has no API for applications. Applications inject the types of the other modules, such as
 * {@link io.alldocs.sync.RegistrySync} and {@link io.alldocs.packument.PackumentClient}. The classes of this package
 * are public so that an application can exclude a part of the auto-configuration; read
 * {@link io.alldocs.spring.AllDocsAutoConfiguration} first. Nothing here uses the JSON mapper of the application.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.spring;

import org.jspecify.annotations.NullMarked;
