package io.alldocs.http;

import java.net.ProxySelector;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a transport is made of: proxies, certificates and the bound on connecting. Immutable.
 *
 * @param npmConfig proxies, certificate authorities and client certificates
 * @param connectTimeout bound on opening a connection; positive
 */
public record TransportOptions(NpmConfig npmConfig, Duration connectTimeout) {

    /** These options, with the connect timeout of {@link Timeouts#defaults()}. */
    public static TransportOptions of(NpmConfig npmConfig) {
        return of(npmConfig, Timeouts.defaults().connect());
    }

    /** These options. */
    public static TransportOptions of(NpmConfig npmConfig, Duration connectTimeout) {
        return new TransportOptions(npmConfig, connectTimeout);
    }

    /**
     * Whom to trust and how to identify; empty for the JVM's own context. Files are read here.
     *
     * @throws IllegalArgumentException if a certificate or key cannot be used; the message names the setting and where it comes from
     */
    public Optional<SSLContext> sslContext() {
        return npmConfig.sslContext();
    }

    /** Whether a certificate may be one of another host: {@code strict-ssl=false}. */
    public boolean acceptsAnyServer() {
        return npmConfig.acceptsAnyServer();
    }

    /**
     * The proxies.
     *
     * @param selector chooses in place of the npm configuration; null for the npm configuration's proxies, else the JVM's
     * @throws IllegalArgumentException if the npm configuration names a proxy that cannot be used; the message names the setting and where it comes from
     */
    public ProxyDiagnosis proxies(@Nullable ProxySelector selector) {
        Proxies proxies = selector != null ? null : npmConfig.proxies().orElse(null);
        return new ProxyDiagnosis(proxies, selector, connectTimeout, false);
    }
}
