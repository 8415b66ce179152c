package io.alldocs.spring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;

/** Combines the listener beans of an application, because each client, cache or job takes one listener. */
final class Listeners {
    private Listeners() {}

    /**
     * Returns a listener that calls all beans of its type in their order, each after the previous one.
     *
     * @param type an interface whose methods return nothing
     * @param none the result if there is no bean
     */
    static <T> T of(Class<T> type, ObjectProvider<T> beans, T none) {
        List<T> all = beans.orderedStream().toList();
        return switch (all.size()) {
            case 0 -> none;
            case 1 -> all.get(0);
            default ->
                type.cast(Proxy.newProxyInstance(
                        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                            if (method.getDeclaringClass() == Object.class) {
                                return answer(proxy, method.getName(), arguments, all);
                            }
                            for (T each : all) {
                                try {
                                    method.invoke(each, arguments);
                                } catch (InvocationTargetException e) {
                                    throw e.getTargetException();
                                }
                            }
                            return null;
                        }));
        };
    }

    private static Object answer(Object proxy, String method, @Nullable Object @Nullable [] arguments, List<?> all) {
        return switch (method) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> all.toString();
        };
    }
}
