package io.alldocs.http;

import java.net.ProxySelector;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The settings of a transport: HTTP version, proxies, certificates and connect timeout. Immutable. */
public final class TransportOptions {

    private final NpmConfig npmConfig;
    private final Duration connectTimeout;
    private final int http2Streams;
    private final @Nullable SSLContext sslContext;
    private final @Nullable ProxySelector proxy;

    private TransportOptions(Builder builder) {
        this.npmConfig = builder.npmConfig;
        this.connectTimeout = builder.connectTimeout;
        this.http2Streams = builder.http2Streams;
        this.sslContext = builder.sslContext;
        this.proxy = builder.proxy;
    }

    /** Returns a builder in which every option has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns options with this npm configuration and the defaults for all other settings. */
    public static TransportOptions of(NpmConfig npmConfig) {
        return builder().npmConfig(npmConfig).build();
    }

    /** Returns the npm configuration, which holds proxies, certificate authorities and client certificates. */
    public NpmConfig npmConfig() {
        return npmConfig;
    }

    /** Returns the connect timeout. */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /** Returns the maximum number of concurrent exchanges over HTTP/2; 0 for HTTP/1.1 only. */
    public int http2Streams() {
        return http2Streams;
    }

    /**
     * Returns the SSL context with the trusted authorities and client certificates; empty for the JVM's own context.
     * Reads the files that the npm configuration names.
     *
     * @throws IllegalArgumentException if a certificate or key cannot be used; the message names the setting and where
     *     it comes from
     */
    public Optional<SSLContext> sslContext() {
        return sslContext != null ? Optional.of(sslContext) : npmConfig.sslContext();
    }

    /** Returns whether {@code strict-ssl=false} is set, so that certificates for other hosts are accepted. */
    public boolean acceptsAnyServer() {
        return sslContext == null && npmConfig.acceptsAnyServer();
    }

    /**
     * Returns the proxies.
     *
     * @throws IllegalArgumentException if the npm configuration names a proxy that cannot be used; the message names
     *     the setting and where it comes from
     */
    public ProxyDiagnosis proxies() {
        return proxies(false);
    }

    /** @param jdksTunnels whether the JDK's client opens the tunnels */
    ProxyDiagnosis proxies(boolean jdksTunnels) {
        return new ProxyDiagnosis(
                proxy != null ? null : npmConfig.proxies().orElse(null), proxy, connectTimeout, jdksTunnels);
    }

    /** Builds {@link TransportOptions}. */
    public static final class Builder {
        private NpmConfig npmConfig = NpmConfig.empty();
        private Duration connectTimeout = Timeouts.defaults().connect();
        private int http2Streams;
        private @Nullable SSLContext sslContext;
        private @Nullable ProxySelector proxy;

        private Builder() {}

        /**
         * Sets the npm configuration, whose proxies, certificate authorities and client certificates apply unless
         * {@link #proxy} or {@link #sslContext} is set. Certificate files are read when the transport is created.
         * Default: none.
         */
        public Builder npmConfig(NpmConfig config) {
            this.npmConfig = config;
            return this;
        }

        /** Sets the connect timeout; positive. Default: that of {@link Timeouts#defaults()}. */
        public Builder connectTimeout(Duration bound) {
            this.connectTimeout = bound;
            return this;
        }

        /**
         * Enables HTTP/2 with at most {@code maxStreams} concurrent exchanges over all hosts. Default: HTTP/1.1 only.
         *
         * @throws IllegalArgumentException unless 1 to 1000
         */
        public Builder http2(int maxStreams) {
            if (maxStreams < 1 || maxStreams > 1000) {
                throw new IllegalArgumentException(
                        "The number of HTTP/2 streams must be between 1 and 1,000, but is " + maxStreams + ".");
            }
            this.http2Streams = maxStreams;
            return this;
        }

        /**
         * Sets the SSL context, for registries with a private certificate authority. Default: the npm configuration's,
         * else the JVM's.
         */
        public Builder sslContext(SSLContext context) {
            this.sslContext = context;
            return this;
        }

        /**
         * Sets the proxy selector. Default: the npm configuration's, else the JVM's, which reads
         * {@code https.proxyHost} and related properties.
         */
        public Builder proxy(ProxySelector selector) {
            this.proxy = selector;
            return this;
        }

        /** Returns the options. */
        public TransportOptions build() {
            return new TransportOptions(this);
        }
    }
}
