// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The module: its devices, one per possible CPU, and the consumers that open them. */

#include <linux/device.h>
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "consumer.h"
#include "driver_config.h"

#define SNAPLEN_DEFAULT 80
#define STATSD_PORT_DEFAULT 8125

DEFINE_MUTEX(consumers_mutex);
LIST_HEAD(consumers);

static unsigned long g_buffer_bytes_dim = 8 * 1024 * 1024;
static unsigned int max_consumers = 5;
static bool verbose;

static dev_t first_device;
static struct cdev devices;
static struct class *device_class;

/* --- consumers; consumers_mutex is held --- */

static struct consumer *consumer_find(struct pid *owner)
{
	struct consumer *c;

	list_for_each_entry(c, &consumers, node)
		if (c->owner == owner)
			return c;
	return NULL;
}

/* A consumer without rings, for the current thread. */
static struct consumer *consumer_new(struct pid *owner)
{
	unsigned int n = 0;
	struct consumer *c;

	list_for_each_entry(c, &consumers, node)
		n++;
	if (n >= max_consumers) {
		pr_info("no consumer more than max_consumers (%u) can open the devices\n", max_consumers);
		return ERR_PTR(-EBUSY);
	}
	if (!ring_bytes_valid(g_buffer_bytes_dim)) {
		pr_info("g_buffer_bytes_dim (%lu) is no power of 2 above two pages\n", g_buffer_bytes_dim);
		return ERR_PTR(-EINVAL);
	}
	c = kvzalloc(struct_size(c, rings, nr_cpu_ids), GFP_KERNEL);
	if (!c)
		return ERR_PTR(-ENOMEM);
	c->owner = get_pid(owner);
	c->bytes = g_buffer_bytes_dim;
	list_add_rcu(&c->node, &consumers);
	return c;
}

/* Another ring for the CPUs that have none. */
static void consumer_choose_spare(struct consumer *c)
{
	struct ring *spare = NULL;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids && !spare; cpu++)
		spare = rcu_dereference_protected(c->rings[cpu], lockdep_is_held(&consumers_mutex));
	rcu_assign_pointer(c->spare, spare);
}

/* Frees a consumer without open devices. */
static void consumer_drop(struct consumer *c)
{
	if (c->opened)
		return;
	capture_select(c, 0);
	list_del_rcu(&c->node);
	synchronize_rcu();
	put_pid(c->owner);
	kvfree(c);
}

static void consumer_reset(struct consumer *c)
{
	c->settings = (struct settings){
		.snaplen = SNAPLEN_DEFAULT, .sampling_ratio = 1, .statsd_port = STATSD_PORT_DEFAULT,
	};
	c->is_dropping = 0;
	memset(c->interesting, 0, sizeof(c->interesting));
}

static int consumer_open_ring(struct consumer *c, unsigned int cpu)
{
	struct ring *ring;

	if (!cpu_online(cpu))
		return -ENODEV;
	if (rcu_access_pointer(c->rings[cpu]))
		return -EBUSY;
	ring = ring_new(c->bytes);
	if (!ring)
		return -ENOMEM;
	c->opened++;
	consumer_reset(c);
	rcu_assign_pointer(c->rings[cpu], ring);
	consumer_choose_spare(c);
	return 0;
}

static void consumer_close_ring(struct consumer *c, unsigned int cpu)
{
	struct ring *ring = rcu_dereference_protected(c->rings[cpu], lockdep_is_held(&consumers_mutex));

	RCU_INIT_POINTER(c->rings[cpu], NULL);
	consumer_choose_spare(c);
	/* Nothing writes to it any more. */
	synchronize_rcu_expedited();
	if (verbose)
		pr_info("CPU %u: %llu events, %llu dropped, %llu preempted\n", cpu, ring->info->n_evts, ring->info->n_drops_buffer,
			ring->info->n_preemptions);
	ring_free(ring);
	c->opened--;
}

/* --- the devices --- */

static int device_open(struct inode *inode, struct file *file)
{
	struct opened *opened = kzalloc(sizeof(*opened), GFP_KERNEL);
	unsigned int cpu = iminor(inode);
	struct pid *owner = get_task_pid(current, PIDTYPE_PID);
	int error = opened ? 0 : -ENOMEM;
	struct consumer *c;

	mutex_lock(&consumers_mutex);
	if (!error && (cpu >= nr_cpu_ids || !cpu_possible(cpu)))
		error = -ENODEV;
	if (!error) {
		c = consumer_find(owner);
		if (!c)
			c = consumer_new(owner);
		if (IS_ERR(c)) {
			error = PTR_ERR(c);
		} else {
			error = consumer_open_ring(c, cpu);
			if (error)
				consumer_drop(c);
		}
	}
	if (!error) {
		*opened = (struct opened){ c, cpu };
		file->private_data = opened;
	}
	mutex_unlock(&consumers_mutex);
	put_pid(owner);
	if (error)
		kfree(opened);
	return error;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct opened *opened = file->private_data;

	mutex_lock(&consumers_mutex);
	consumer_close_ring(opened->consumer, opened->cpu);
	consumer_drop(opened->consumer);
	mutex_unlock(&consumers_mutex);
	kfree(opened);
	return 0;
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	return control(file->private_data, command, arg);
}

/* The file keeps its ring, and a mapping keeps the file; so the ring needs no lock. */
static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct opened *opened = file->private_data;

	return ring_map(rcu_dereference_protected(opened->consumer->rings[opened->cpu], true), vma);
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.mmap = device_mmap,
};

#if defined(HAS_DEVNODE_CONST)
static char *device_mode(const struct device *device, umode_t *mode)
#else
static char *device_mode(struct device *device, umode_t *mode)
#endif
{
	if (mode)
		*mode = 0400;
	return NULL;
}

/* --- the module --- */

static void destroy_devices(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		device_destroy(device_class, MKDEV(MAJOR(first_device), cpu));
	class_destroy(device_class);
	cdev_del(&devices);
	unregister_chrdev_region(first_device, nr_cpu_ids);
}

static int create_devices(void)
{
	unsigned int cpu;
	int error;

	error = alloc_chrdev_region(&first_device, 0, nr_cpu_ids, DRIVER_DEVICE_NAME);
	if (error)
		return error;
#if defined(HAS_CLASS_CREATE_1)
	device_class = class_create(DRIVER_DEVICE_NAME);
#else
	device_class = class_create(THIS_MODULE, DRIVER_DEVICE_NAME);
#endif
	if (IS_ERR(device_class)) {
		unregister_chrdev_region(first_device, nr_cpu_ids);
		return PTR_ERR(device_class);
	}
	device_class->devnode = device_mode;
	cdev_init(&devices, &device_operations);
	devices.owner = THIS_MODULE;
	error = cdev_add(&devices, first_device, nr_cpu_ids);
	if (error) {
		class_destroy(device_class);
		unregister_chrdev_region(first_device, nr_cpu_ids);
		return error;
	}
	for_each_possible_cpu(cpu) {
		struct device *device = device_create(device_class, NULL, MKDEV(MAJOR(first_device), cpu), NULL,
						      DRIVER_DEVICE_NAME "%u", cpu);

		if (IS_ERR(device)) {
			destroy_devices();
			return PTR_ERR(device);
		}
	}
	return 0;
}

static int __init module_begin(void)
{
	int error = capture_init();

	if (error)
		return error;
	error = create_devices();
	if (error) {
		pr_err("cannot create the devices " DRIVER_DEVICE_NAME "0 and following: error %d\n", -error);
		capture_exit();
	}
	return error;
}

static void __exit module_end(void)
{
	destroy_devices();
	capture_exit();
}

module_init(module_begin);
module_exit(module_end);

module_param(g_buffer_bytes_dim, ulong, 0644);
MODULE_PARM_DESC(g_buffer_bytes_dim, "The size of each ring in bytes: a power of 2, above two pages. A consumer's rings have the size at its open.");
module_param(max_consumers, uint, 0444);
MODULE_PARM_DESC(max_consumers, "How many threads can have the devices open at once.");
module_param(verbose, bool, 0444);
MODULE_PARM_DESC(verbose, "Writes the counters of a ring to the kernel's log when it is closed.");

MODULE_VERSION(DRIVER_VERSION);
MODULE_INFO(build_commit, DRIVER_COMMIT);
MODULE_INFO(api_version, PPM_API_CURRENT_VERSION_STRING);
MODULE_INFO(schema_version, PPM_SCHEMA_CURRENT_VERSION_STRING);
MODULE_DESCRIPTION("Events of system calls and tracepoints for user space");
MODULE_LICENSE("Dual MIT/GPL");
