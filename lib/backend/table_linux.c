// A plugin's table of functions with some of ours in it: see table_linux.go. Of PJRT's C interface only what is needed, as
// pjrt_c_api.h lays it out; within a major version fields are only added, at the end.
#include "table_linux.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { // places in the table
	Error_Destroy = 0,
	Event_Destroy = 5,
	Event_Await = 8,
	Client_Compile = 20,
	Executable_Destroy = 40,
	Executable_Serialize = 49,
	LoadedExecutable_GetExecutable = 51,
	Executable_DeserializeAndLoad = 56,
	Buffer_OnDeviceSizeInBytes = 64,
	Buffer_ToHostBuffer = 70,
	Buffer_ReadyEvent = 72,
	Buffer_UnsafePointer = 73,
	needed,
};

typedef void *function(void *args);

struct api {
	size_t struct_size;
	void *extensions;
	struct {
		size_t struct_size;
		void *extensions;
		int major, minor;
	} version;
	function *functions[];
};

static struct api *theirs;

// goCompile is Go's; it returns a PJRT_Error.
extern void *goCompile(struct compile *);

static void *compile(void *args) { return goCompile(args); }

// forget frees an error and says whether there was one.
static int forget(void *error) {
	if (error) {
		struct { size_t struct_size; void *extensions, *error; } args = {sizeof args, NULL, error};
		theirs->functions[Error_Destroy](&args);
	}
	return error != NULL;
}

// PJRT_Buffer_ToHostBuffer_Args
struct read {
	size_t struct_size;
	void *extensions, *buffer, *layout;
	void *to;
	size_t size;
	void *event; // out
};

// read_here copies a buffer of a CPU, whose memory is the program's own. The plugin's function has another thread do it: for a single
// number that is half of a small step's time.
static void *read_here(void *p) {
	struct read *args = p;
	struct { size_t struct_size; void *extensions, *buffer; size_t size; } stored = {sizeof stored, NULL, args->buffer, 0};
	struct { size_t struct_size; void *extensions, *buffer, *event; } ready = {sizeof ready, NULL, args->buffer, NULL};
	struct { size_t struct_size; void *extensions, *buffer; uintptr_t at; } where = {sizeof where, NULL, args->buffer, 0};
	if (!args->to || forget(theirs->functions[Buffer_OnDeviceSizeInBytes](&stored)) || stored.size != args->size ||
		forget(theirs->functions[Buffer_ReadyEvent](&ready)))
		return theirs->functions[Buffer_ToHostBuffer](args);
	struct { size_t struct_size; void *extensions, *event; } event = {sizeof event, NULL, ready.event};
	void *error = theirs->functions[Event_Await](&event);
	if (!error && !forget(theirs->functions[Buffer_UnsafePointer](&where))) {
		memcpy(args->to, (void *)where.at, args->size);
		args->event = ready.event;
		return NULL;
	}
	theirs->functions[Event_Destroy](&event);
	return error ? error : theirs->functions[Buffer_ToHostBuffer](args);
}

void *genlab_plugin(const char *path, int reads) {
	void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	struct api *(*get)(void) = library ? (struct api *(*)(void))dlsym(library, "GetPjrtApi") : NULL;
	struct api *api = get ? get() : NULL;
	if (!api || api->version.major != 0 || api->struct_size < sizeof(struct api) + needed * sizeof(function *))
		return NULL;
	struct api *copy = malloc(api->struct_size);
	if (!copy)
		return NULL;
	memcpy(copy, api, api->struct_size);
	copy->functions[Client_Compile] = compile;
	if (reads)
		copy->functions[Buffer_ToHostBuffer] = read_here;
	theirs = api;
	return copy;
}

void *genlab_compile(struct compile *args) { return theirs->functions[Client_Compile](args); }

int genlab_load(struct compile *args, const char *program, size_t size) {
	struct {
		size_t struct_size;
		void *extensions, *client;
		const char *program;
		size_t size;
		void *executable;
		const char *options;
		size_t options_size;
	} load = {sizeof load, NULL, args->client, program, size, NULL, NULL, 0};
	if (forget(theirs->functions[Executable_DeserializeAndLoad](&load)))
		return 0;
	args->executable = load.executable;
	return 1;
}

int genlab_serialize(void *loaded, struct serialized *s) {
	struct { size_t struct_size; void *extensions, *loaded, *executable; } get = {sizeof get, NULL, loaded, NULL};
	if (forget(theirs->functions[LoadedExecutable_GetExecutable](&get)))
		return 0;
	memset(s, 0, sizeof *s);
	s->struct_size = sizeof *s;
	s->executable = get.executable;
	int failed = forget(theirs->functions[Executable_Serialize](s));
	struct { size_t struct_size; void *extensions, *executable; } destroy = {sizeof destroy, NULL, get.executable};
	forget(theirs->functions[Executable_Destroy](&destroy));
	return !failed;
}

void genlab_free(struct serialized *s) { s->free(s->owner); }
