package io.alldocs.spring;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheBuilder;
import io.alldocs.cache.CacheListener;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpListener;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.TransportOptions;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentClientBuilder;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionClientBuilder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Creates the environment of the libraries, the npm configuration, the store, the cache, the HTTP client, and the
 * clients of names and packuments. A bean of the application replaces any of them. Beans of type {@link HttpListener}
 * and {@link CacheListener} receive the events of the HTTP client and the cache.
 */
@AutoConfiguration
@EnableConfigurationProperties(AllDocsProperties.class)
public final class AllDocsAutoConfiguration {

    /** Called by Spring. */
    AllDocsAutoConfiguration() {}

    /** Determines the settings for all beans: a property applies, else the variable of the process. */
    @Bean
    @ConditionalOnMissingBean
    Env allDocsEnv(AllDocsProperties properties) {
        return Variables.env(properties, System.getenv());
    }

    @Bean
    @ConditionalOnMissingBean
    NpmConfig allDocsNpmConfig(Env env) {
        return NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder());
    }

    @Bean
    @ConditionalOnMissingBean
    Threads allDocsThreads(Environment environment) {
        return Threads.of(environment);
    }

    @Bean
    @ConditionalOnMissingBean
    HttpTransport allDocsTransport(NpmConfig npm) {
        return HttpTransports.create(TransportOptions.of(npm));
    }

    @Bean
    @ConditionalOnMissingBean
    HttpSettings allDocsHttpSettings(AllDocsProperties properties, ObjectProvider<HttpListener> listeners) {
        return new HttpSettings(properties.http(), Listeners.of(HttpListener.class, listeners, HttpListener.NONE));
    }

    @Bean
    @ConditionalOnMissingBean
    BaseHttpClient allDocsHttpClient(HttpSettings settings, NpmConfig npm, HttpTransport transport) {
        return settings.builder().npmConfig(npm).transport(transport).build();
    }

    @Bean
    @ConditionalOnMissingBean({StorageDriver.class, Cache.class})
    StorageDriver allDocsStorageDriver(Env env) {
        return StorageDrivers.create(env);
    }

    @Bean
    @ConditionalOnMissingBean
    Cache allDocsCache(Env env, StorageDriver driver, Threads threads, ObjectProvider<CacheListener> listeners) {
        CacheBuilder cache = Cache.builder()
                .env(env)
                .driver(driver)
                .listener(Listeners.of(CacheListener.class, listeners, CacheListener.NONE));
        threads.executor().ifPresent(cache::executor);
        return cache.build();
    }

    @Bean
    @ConditionalOnMissingBean
    Checkpoints allDocsCheckpoints(Env env, Cache cache) {
        return Checkpoints.of(env, cache);
    }

    @Bean
    @ConditionalOnMissingBean
    PartitionClient allDocsPartitionClient(Env env, BaseHttpClient http, Checkpoints checkpoints, Threads threads) {
        PartitionClientBuilder client = PartitionClient.builder()
                .env(env)
                .origin(Variables.origin(env))
                .http(http)
                .cache(checkpoints.cache());
        threads.executor().ifPresent(client::executor);
        return client.build();
    }

    @Bean
    @ConditionalOnMissingBean
    PackumentClient allDocsPackumentClient(
            Env env, NpmConfig npm, BaseHttpClient http, Cache cache, HttpSettings settings, Threads threads) {
        PackumentClientBuilder client =
                PackumentClient.builder().env(env).npmConfig(npm).http(http).cache(cache);
        settings.rate().ifPresent(rate -> Settings.checked("http.rate", () -> client.rate(rate)));
        threads.executor().ifPresent(client::executor);
        return client.build();
    }
}
