package io.alldocs.http;

import java.net.URI;
import java.util.Optional;

/** Says which Authorization header value, if any, belongs to an address. Implementations print no secret from {@code toString()}. */
@FunctionalInterface
public interface Credentials {
    Credentials NONE = uri -> Optional.empty();

    Optional<String> authorizationFor(URI uri);
}
